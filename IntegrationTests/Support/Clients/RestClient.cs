using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Kaffediem.IntegrationTests.Support.Clients;

/// <summary>A client of the REST API that keeps its cookies, like a browser.</summary>
/// <param name="baseAddress">The server.</param>
/// <param name="from">The client's own IPv4 address; <c>null</c>: any.</param>
public sealed class RestClient(Uri baseAddress, IPAddress? from = null) : IDisposable
{
    private readonly HttpClient _http = new(HandlerFrom(from)) { BaseAddress = baseAddress };

    /// <summary>The administrator's password.</summary>
    public string Password { get; init; } = Administrator.PublishedPassword;

    /// <summary>Headers of every request, for example <c>Origin</c>.</summary>
    public HttpRequestHeaders Headers => _http.DefaultRequestHeaders;

    public Task<RestAnswer> GetAsync(string path) => SendAsync("GET", path);

    public Task<RestAnswer> PostAsync(string path, string json) => SendAsync("POST", path, Json(json));

    public Task<RestAnswer> PatchAsync(string path, string json) => SendAsync("PATCH", path, Json(json));

    public Task<RestAnswer> DeleteAsync(string path) => SendAsync("DELETE", path);

    /// <summary>Sends JSON, or nothing, with headers of this request alone.</summary>
    public Task<RestAnswer> SendAsync(
        string method, string path, string? json, params (string Name, string Value)[] headers) =>
        SendAsync(method, path, json is null ? null : Json(json), headers);

    public Task<RestAnswer> SignInAsync(string email = Administrator.Email, string? password = null) =>
        PostAsync("/api/session", $$"""{"email":"{{email}}","password":"{{password ?? Password}}"}""");

    public async Task<RestAnswer> SendAsync(
        string method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _http.SendAsync(request);
        return await RestAnswer.ReadAsync(response);
    }

    /// <summary>Connects from a given address of the client.</summary>
    /// <param name="from">An IPv4 address; <c>null</c>: any.</param>
    public static SocketsHttpHandler HandlerFrom(IPAddress? from) => from is null ? new() : new()
    {
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };

    public void Dispose() => _http.Dispose();

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
}
