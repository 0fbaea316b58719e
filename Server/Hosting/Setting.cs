using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Reflection;

namespace Kaffediem.Server.Hosting;

/// <summary>A setting of the server.</summary>
/// <param name="Name">As the operator writes it, for example <c>Database:Path</c>.</param>
/// <param name="Default">As the operator would write it, or how it is chosen; empty: none.</param>
/// <param name="Description">What it decides, with its unit.</param>
internal sealed record Setting(string Name, string Default, string Description)
{
    /// <summary>The name in the configuration: the section and the property that it is read into.</summary>
    public string Key { get; init; } = Name;

    /// <summary>Kaffebase's name for it.</summary>
    public string? OldName { get; init; }

    /// <summary>Whether several values may follow the name, as <c>Cors:Origins:0</c>.</summary>
    public bool IsList { get; init; }

    /// <summary>The property that it is read into; <c>null</c> for a setting that is read on its own.</summary>
    public PropertyInfo? Property { get; init; }

    /// <summary>The setting of a property: what the class says about it is all there is to know.</summary>
    public static Setting Of(string section, PropertyInfo property, object defaults) => new(
        $"{section}:{property.Name}",
        Format(property.GetValue(defaults)),
        property.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "")
    {
        Property = property,
        IsList = property.PropertyType != typeof(string) && property.PropertyType.IsAssignableTo(typeof(IEnumerable)),
    };

    /// <summary>Whether the configuration's key sets it.</summary>
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
