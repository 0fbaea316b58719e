namespace Kaffediem.Protocol;

/// <summary>
/// Why a client was refused: the HTTP status, the cause that it is counted under, and the text of the answer.
/// </summary>
internal sealed record Refusal(int StatusCode, string Cause, string Text = "")
{
    public static readonly Refusal Method = new(400, "method");
    public static readonly Refusal AuthToken = new(403, "auth token");
    public static readonly Refusal UnknownSubprotocol = new(403, "subprotocol");
    public static readonly Refusal Version = new(403, "version");
    public static readonly Refusal TooManyFromAddress = new(429, "too many connections from one address");
    public static readonly Refusal TooManyConnections = new(503, "too many connections");
    public static readonly Refusal Draining = new(503, "draining");

    /// <summary>Whether there is only no room now: the client may be let in later.</summary>
    public bool IsForLackOfRoom => this == TooManyFromAddress || this == TooManyConnections;

    /// <summary>The client's page is not from an allowed origin.</summary>
    public static Refusal ForeignOrigin(string reason) => new(403, "origin", reason);

    /// <summary>The request cannot be upgraded.</summary>
    public static Refusal Handshake(string fault) => new(400, "handshake", fault);

    /// <summary>The application's decision, with a status of its choice.</summary>
    public static Refusal ByApplication(int statusCode) => new(statusCode, "application");
}
