using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Kaffediem.Persistence.Orders;

/// <summary>How orders are counted.</summary>
public sealed class OrderOptions
{
    /// <summary>
    /// The shop's time zone, for example <c>Europe/Oslo</c> (default <c>UTC</c>): a day, with the numbers of its
    /// orders, begins at midnight there.
    /// </summary>
    [Required]
    [CustomValidation(typeof(OrderOptions), nameof(ValidateTimeZone))]
    [Description("the shop's time zone, for example Europe/Oslo")]
    public string TimeZone { get; init; } = "UTC";

    /// <summary>Whether the machine knows the zone.</summary>
    public static ValidationResult? ValidateTimeZone(string timeZone) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out _)
            ? ValidationResult.Success
            : new ValidationResult($"Orders:TimeZone: {Explain(timeZone)}");

    // Without tzdata, for example in small container images, the machine knows only UTC.
    private static string Explain(string timeZone) =>
        TimeZoneInfo.GetSystemTimeZones().Count <= 1
            ? $"\"{timeZone}\" cannot be found, because this machine has no time zones: install the package tzdata."
            : $"\"{timeZone}\" is not a time zone this machine knows. Write it like Europe/Oslo.";
}
