namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>From where a screen wants to be told what it has missed.</summary>
internal enum ResumeFrom
{
    /// <summary>It wants everything.</summary>
    Nothing,

    /// <summary>From what it showed last.</summary>
    Last,

    /// <summary>From something it showed earlier.</summary>
    Earlier,

    /// <summary>Of another database.</summary>
    Foreign,

    /// <summary>Ahead of the database.</summary>
    Future,
}
