namespace Kaffediem.IntegrationTests.Docs;

/// <summary>
/// A file's examples, one after the other, as somebody would try them out: with one browser, which keeps its cookie, on
/// a server in Production with the sample file.
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

    /// <summary>Where files of the examples are.</summary>
    public string Folder => _folder.FullName;

    public Blanks Blanks { get; } = new();

    public RestClient Client { get; }

    /// <summary>The session's cookie, once there is one.</summary>
    public string? Cookie { get; set; }

    public HttpExamples Http { get; }

    public SocketExamples Sockets { get; }

    public ShellExamples Shell { get; }

    /// <summary>The text as it is for this server.</summary>
    public string Here(string text) => Blanks.Fill(text)
        .Replace(DocumentedAddress, Address.ToString().TrimEnd('/'), StringComparison.Ordinal)
        .Replace(new Uri(DocumentedAddress).Authority, Address.Authority, StringComparison.Ordinal);

    /// <summary>The text as the docs would have it.</summary>
    public string Documented(string text) =>
        text.Replace(Address.Authority, new Uri(DocumentedAddress).Authority, StringComparison.Ordinal);

    public Task RunAsync(DocExample example) => example.Language switch
    {
        "http" => Http.RunAsync(example),
        "ws" => Sockets.RunAsync(example),
        "sh" => Shell.RunAsync(example),
        // Run with phoenix.js, by phoenix-compat-tests/test/docs.test.mjs.
        "js" => Task.CompletedTask,
        var other => throw new ArgumentException($"{example.File}:{example.Line}: nothing runs \"{other}\""),
    };

    public async ValueTask DisposeAsync()
    {
        Sockets.Dispose();
        Client.Dispose();
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
