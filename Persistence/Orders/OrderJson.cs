using System.Text.Json.Serialization;

namespace Kaffediem.Persistence.Orders;

/// <summary>
/// How orders look as JSON, on the wire, in their rows and in the change log. Use <see cref="Wire"/>:
/// it alone has the encoder.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(IEnumerable<Order>))]
[JsonSerializable(typeof(IReadOnlyList<OrderItem>))]
[JsonSerializable(typeof(OrderKeys))]
public sealed partial class OrderJson : JsonSerializerContext
{
    /// <summary>The context to use.</summary>
    // Made at its first use: Default, in the generated part of the class, may not be set before.
    public static OrderJson Wire => field ??= new OrderJson(JsonText.Unescaped(Default.Options));
}
