using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Kaffediem.Server.Accounts;

/// <summary>Section <c>Auth</c>: the right to write. Reading is open to everyone who reaches the server.</summary>
internal sealed class AuthOptions
{
    /// <summary>Whether writing needs a session (default: <c>Open</c> in Development, else <c>Protected</c>).</summary>
    [EnumDataType(typeof(WriteMode))]
    [Description("whether writing needs a session (Protected) or not (Open)")]
    public WriteMode Writes { get; init; } = WriteMode.Protected;

    /// <summary>Whether an order needs no session even where writes are protected (default <c>false</c>).</summary>
    [Description("whether an order needs no session where writes are Protected")]
    public bool AnonymousOrders { get; init; }

    /// <summary>
    /// How many failed sign-ins an account, and each known device of it, may have within a span (default 10). Further
    /// ones get 429.
    /// </summary>
    [Range(1, int.MaxValue)]
    [Description("how many failed sign-ins an account, and each known device of it, has within Auth:AttemptMinutes")]
    public int AttemptsPerAccount { get; init; } = 10;

    /// <summary>The same for an address, or a /64 network of IPv6 (default 50).</summary>
    [Range(1, int.MaxValue)]
    [Description("the same for an address, or a /64 network of IPv6; known devices do not count")]
    public int AttemptsPerAddress { get; init; } = 50;

    /// <summary>The length of a span, which begins with its first attempt, in minutes (default 15).</summary>
    [Range(1, 60 * 24)]
    [Description("how long failed sign-ins count, in minutes")]
    public int AttemptMinutes { get; init; } = 15;

    /// <summary><see cref="AttemptMinutes"/>.</summary>
    public TimeSpan AttemptSpan => TimeSpan.FromMinutes(AttemptMinutes);
}

/// <summary>How writes are guarded.</summary>
internal enum WriteMode
{
    /// <summary>An order needs a session, every other write an administrator's.</summary>
    Protected,

    /// <summary>Everyone may write everything, as in Kaffebase.</summary>
    Open,
}

[OptionsValidator]
internal sealed partial class AuthOptionsValidator : IValidateOptions<AuthOptions>;
