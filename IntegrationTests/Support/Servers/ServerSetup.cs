using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.IntegrationTests.Support.Servers;

/// <summary>How a test starts its server.</summary>
public sealed record ServerSetup
{
    /// <summary>The host's environment (default Development).</summary>
    public string Environment { get; init; } = "Development";

    /// <summary>
    /// Whether to start without a database file (default: on a copy of the sample that Kaffebase left). Outside
    /// Development the administrator of the copy has <see cref="Administrator.Password"/>.
    /// </summary>
    public bool IsFirstRun { get; init; }

    /// <summary>The database file of a stopped server (default: a new one in its own directory).</summary>
    public string? DatabasePath { get; init; }

    /// <summary>Settings as on the command line, for example <c>["Auth:Writes"] = "Protected"</c>.</summary>
    public Dictionary<string, string> Settings { get; init; } = [];

    /// <summary>Replaces services.</summary>
    public Action<IServiceCollection> ConfigureServices { get; init; } = _ => { };
}
