using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace Kaffediem.Server.Hosting;

/// <summary>Refuses a value in the operator's terms, where the framework would name a .NET type.</summary>
internal static class SettingValue
{
    /// <summary>Why the value is refused; <c>null</c> if it is valid, or a text, which its class checks.</summary>
    public static string? Refuse(Setting setting, string? value)
    {
        if (value is null || setting.Property is not { } property || Describe(property) is not { } expected)
        {
            return null;
        }

        var what = setting.Description.Length == 0 ? "" : $" ({setting.Description})";
        return IsValid(property, value) ? null : $"{setting.Name} must be {expected}, not '{value}'{what}.";
    }

    private static bool IsValid(PropertyInfo property, string value)
    {
        try
        {
            var converted = TypeDescriptor.GetConverter(property.PropertyType).ConvertFromInvariantString(value);
            return property.GetCustomAttributes<ValidationAttribute>().All(attribute => attribute.IsValid(converted));
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            // The converters of numbers wrap the other two in an ArgumentException.
            return false;
        }
    }

    // null for a text.
    private static string? Describe(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var range = property.GetCustomAttribute<RangeAttribute>() is { } bounds ? $" {Describe(bounds)}" : "";
        return type == typeof(bool) ? "true or false"
            : type.IsEnum ? string.Join(" or ", Enum.GetNames(type))
            : type == typeof(int) || type == typeof(long) ? $"a whole number{range}"
            : type == typeof(TimeSpan) ? $"a time, days.hours:minutes:seconds,{range}"
            : null;
    }

    private static string Describe(RangeAttribute range) =>
        range.Maximum is int.MaxValue || range.Maximum.Equals((double)long.MaxValue)
            ? $"of at least {range.Minimum}"
            : $"from {range.Minimum} to {range.Maximum}";
}
