namespace Kaffediem.Benchmarks;

/// <summary>The order that all servers of the benchmarks receive and broadcast.</summary>
internal static class SampleOrder
{
    /// <summary>The body of the request that places it. It fits the demo menu.</summary>
    public const string Request =
        """
        {"customer_id":1,"items":[{"item":1,"customizations":[{"key":1,"value":[1]}]}],"state":"received","missing_information":false}
        """;

    /// <summary>The order's lines, as stored in the database.</summary>
    public const string Items =
        """
        [{"item_id":1,"name":"Latte","price":45.0,"category":"Kaffe","customizations":[{"key_id":1,"key_name":"Melk","value_id":1,"value_name":"Hel","price_change":0.0,"constant_price":true,"label_color":"#e8e2d0"}],"left_out":[],"total":45}]
        """;

    /// <summary>The order as Kaffediem returns, logs and broadcasts it: about 530 bytes.</summary>
    public static string Record(long id, string uuid) =>
        $$"""
        {"id":{{id}},"uuid":"{{uuid}}","customer_id":1,"day_id":101,"state":"received","missing_information":false,"items":{{Items}},"total":45,"inserted_at":"2026-01-01T12:00:00","updated_at":"2026-01-01T12:00:00","created":"2026-01-01T12:00:00.000Z","updated":"2026-01-01T12:00:00.000Z"}
        """;

    /// <summary>The change that broadcasts it.</summary>
    public static string Change(long seq) =>
        $$"""
        {"action":"create","record":{{Record(seq, "b6a1a3a0-3b8a-4a0a-9f62-0a58fbd2e3f9")}},"seq":{{seq}}}
        """;
}
