using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>
/// Runs the examples of a file one after the other, as a reader would try them out: with one browser, which keeps its
/// cookie, on a server in Production with the sample file.
/// </summary>
internal sealed class DocRun : IAsyncDisposable
{
    public const string DocumentedAddress = "http://localhost:4000";

    private readonly KaffediemServer _server;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kaffediem-");

    public DocRun(KaffediemServer server)
    {
        _server = server;
        Client = server.CreateClient();
        Http = new HttpExamples(this);
        Sockets = new SocketExamples(this);
        Shell = new ShellExamples(this);
    }

    public Uri Address => _server.BaseAddress;

    /// <summary>The folder for the files of the examples.</summary>
    public string Folder => _folder.FullName;

    public Blanks Blanks { get; } = new();

    public RestClient Client { get; }

    /// <summary>The cookie of the session, once an example has signed in.</summary>
    public string? Cookie { get; set; }

    public HttpExamples Http { get; }

    public SocketExamples Sockets { get; }

    public ShellExamples Shell { get; }

    /// <summary>A documented text with this server's address and the known values.</summary>
    public string Here(string text) => Blanks.Fill(text)
        .Replace(DocumentedAddress, Address.ToString().TrimEnd('/'), StringComparison.Ordinal)
        .Replace(new Uri(DocumentedAddress).Authority, Address.Authority, StringComparison.Ordinal);

    /// <summary>A text of this server with the documented address.</summary>
    public string Documented(string text) =>
        text.Replace(Address.Authority, new Uri(DocumentedAddress).Authority, StringComparison.Ordinal);

    public Task RunAsync(DocExample example) => example.Language switch
    {
        "http" => Http.RunAsync(example),
        "ws" => Sockets.RunAsync(example),
        "sh" => Shell.RunAsync(example),
        // Run with phoenix.js, by phoenix-compat-tests/test/docs.test.mjs.
        "js" => Task.CompletedTask,
        var other => throw new ArgumentException($"{example.File}:{example.Line}: no class runs \"{other}\" examples"),
    };

    public async ValueTask DisposeAsync()
    {
        Sockets.Dispose();
        Client.Dispose();
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
