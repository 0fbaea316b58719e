namespace Kaffediem.IntegrationTests.Docs;

/// <summary>
/// Runs the examples of a file one after the other, as a reader would try them out: with one browser, which keeps its
/// cookie, on a server in Production with the sample file.
/// </summary>
internal sealed class DocRun : IAsyncDisposable
{
    public const string DocumentedAddress = "http://localhost:4000";

    // The smallest PNG, one pixel: the file that the examples upload.
    private const string Png =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    private readonly KaffediemServer _server;
    private readonly SocketExamples _sockets;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kaffediem-");

    public DocRun(KaffediemServer server)
    {
        _server = server;
        Client = server.CreateClient();
        _sockets = new SocketExamples(this);
        File.WriteAllBytes(Path.Combine(_folder.FullName, "latte.png"), Convert.FromBase64String(Png));
    }

    public Uri Address => _server.BaseAddress;

    public Blanks Blanks { get; } = new();

    public RestClient Client { get; }

    /// <summary>The cookie of the session, once an example has signed in.</summary>
    public string? Cookie { get; set; }

    /// <summary>A documented text with this server's address and the known values.</summary>
    public string Here(string text) => Blanks.Fill(text)
        .Replace(DocumentedAddress, Address.ToString().TrimEnd('/'), StringComparison.Ordinal)
        .Replace(new Uri(DocumentedAddress).Authority, Address.Authority, StringComparison.Ordinal);

    /// <summary>A text of this server with the documented address.</summary>
    public string Documented(string text) =>
        text.Replace(Address.Authority, new Uri(DocumentedAddress).Authority, StringComparison.Ordinal);

    public Task RunAsync(DocExample example) => example.Language switch
    {
        "http" => new HttpExamples(this).RunAsync(example),
        "ws" => _sockets.RunAsync(example),
        "sh" => RunShellAsync(example),
        // Run with phoenix.js, by phoenix-compat-tests/test/docs.test.mjs.
        "js" => Task.CompletedTask,
        var other => throw new ArgumentException($"{example.File}:{example.Line}: no class runs \"{other}\" examples"),
    };

    public async ValueTask DisposeAsync()
    {
        _sockets.Dispose();
        Client.Dispose();
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task RunShellAsync(DocExample example)
    {
        foreach (var command in ShellCommand.ReadAll(example.Lines))
        {
            var output = await ShellCommand.RunAsync(Here(command.Text), _folder.FullName);
            command.Compare(example, Blanks, Documented(output));
        }
    }
}
