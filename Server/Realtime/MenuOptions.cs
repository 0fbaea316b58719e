using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Kaffediem.Server.Realtime;

/// <summary>Section <c>Menu</c>.</summary>
internal sealed class MenuOptions
{
    /// <summary>
    /// The least time between two menus, in milliseconds (default 50): changes in between are merged. 0: none.
    /// </summary>
    [Range(0, 60_000)]
    [Description("the menu is sent at most once in so many milliseconds")]
    public int CoalesceMs { get; init; } = 50;
}

[OptionsValidator]
internal sealed partial class MenuOptionsValidator : IValidateOptions<MenuOptions>;
