using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Kaffediem.Server.Realtime;

/// <summary>Section <c>Presence</c>.</summary>
internal sealed class PresenceOptions
{
    /// <summary>
    /// Which users may join <c>presence:staff</c> (default: administrators, as which the shop's own screens sign in).
    /// </summary>
    [EnumDataType(typeof(StaffAccess))]
    [Description("whether presence:staff is for Administrators only or for every user who is SignedIn")]
    public StaffAccess Staff { get; init; } = StaffAccess.Administrators;
}

/// <summary>Which users are staff.</summary>
internal enum StaffAccess
{
    /// <summary>Administrators only.</summary>
    Administrators,

    /// <summary>Every signed-in user, customers included.</summary>
    SignedIn,
}

[OptionsValidator]
internal sealed partial class PresenceOptionsValidator : IValidateOptions<PresenceOptions>;
