using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Reflection;

namespace Kaffediem.Server.Hosting;

/// <summary>A setting of the server.</summary>
/// <param name="Name">As the operator writes it, for example <c>Database:Path</c>.</param>
/// <param name="Default">As the operator would write it; empty for none.</param>
/// <param name="Description">Its meaning, with its unit.</param>
internal sealed record Setting(string Name, string Default, string Description)
{
    /// <summary>The name in the configuration: the section and the property that it is read into.</summary>
    public string Key { get; init; } = Name;

    /// <summary>
    /// The default in Development, where it is another one than <see cref="Default"/>; otherwise <c>null</c>.
    /// </summary>
    public string? DevelopmentDefault { get; init; }

    /// <summary>The defaults as the documentation names them; empty for none.</summary>
    public string DefaultText => DevelopmentDefault is null
        ? Default
        : $"{DevelopmentDefault} in Development, else {(Default.Length == 0 ? "none" : Default)}";

    /// <summary>Kaffebase's name for it.</summary>
    public string? OldName { get; init; }

    /// <summary>Whether it has several values, for example <c>Cors:Origins:0</c>.</summary>
    public bool IsList { get; init; }

    /// <summary>The property that it is read into; <c>null</c> for a setting that is read on its own.</summary>
    public PropertyInfo? Property { get; init; }

    /// <summary>The setting of a property, as its attributes describe it.</summary>
    public static Setting Of(string section, PropertyInfo property, object defaults) => new(
        $"{section}:{property.Name}",
        Format(property.GetValue(defaults)),
        property.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "")
    {
        Property = property,
        IsList = property.PropertyType != typeof(string) && property.PropertyType.IsAssignableTo(typeof(IEnumerable)),
    };

    /// <summary>Whether a key of the configuration sets it.</summary>
    public bool IsSetBy(string key) =>
        new[] { Name, Key, OldName }.Contains(key, StringComparer.OrdinalIgnoreCase)
        || (IsList && key.StartsWith($"{Key}:", StringComparison.OrdinalIgnoreCase));

    private static string Format(object? value) => value switch
    {
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        string text => text,
        _ => "",
    };
}
