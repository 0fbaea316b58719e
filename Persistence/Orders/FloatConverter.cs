using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kaffediem.Persistence.Orders;

/// <summary>
/// Writes a line's number as Kaffebase does, where it is a float: <c>45.0</c>, not <c>45</c>. Both programs read both.
/// </summary>
internal sealed class FloatConverter : JsonConverter<double>
{
    // From this number on, .NET and Elixir write an exponent.
    private const double TooLarge = 1e15;

    private const int MaxLength = 32;

    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (Math.Abs(value) >= TooLarge || !double.IsInteger(value))
        {
            writer.WriteNumberValue(value);
            return;
        }

        Span<byte> text = stackalloc byte[MaxLength];
        value.TryFormat(text, out var length, "F1", CultureInfo.InvariantCulture);
        writer.WriteRawValue(text[..length], skipInputValidation: true);
    }
}
