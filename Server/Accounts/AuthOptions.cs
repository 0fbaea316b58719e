using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Kaffediem.Server.Accounts;

/// <summary>Section <c>Auth</c>: who may write. Reading is open to everyone who reaches the server.</summary>
internal sealed class AuthOptions
{
    /// <summary>Whether writing needs a session (default: <c>Open</c> in Development, else <c>Protected</c>).</summary>
    [EnumDataType(typeof(WriteMode))]
    public WriteMode Writes { get; init; } = WriteMode.Protected;

    /// <summary>Whether an order needs no session even where writes are protected (default <c>false</c>).</summary>
    public bool AnonymousOrders { get; init; }
}

/// <summary>How writes are guarded.</summary>
internal enum WriteMode
{
    /// <summary>An order needs a session, every other write an administrator's.</summary>
    Protected,

    /// <summary>Everyone may write everything, as in the back end being replaced.</summary>
    Open,
}

[OptionsValidator]
internal sealed partial class AuthOptionsValidator : IValidateOptions<AuthOptions>;
