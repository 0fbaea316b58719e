namespace Kaffediem.IntegrationTests.Support;

/// <summary>How much a test run does: <see cref="TestSettings.Form"/>.</summary>
internal enum TestForm
{
    /// <summary>Every rule once, in minutes: the default.</summary>
    Quick,

    /// <summary>Every experiment at the size that a release needs.</summary>
    Full,

    /// <summary>The same experiments for hours.</summary>
    Long,
}
