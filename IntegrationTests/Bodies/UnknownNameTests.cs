using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Bodies;

/// <summary>
/// Unknown names of fields, parameters, collections and states. A refusal lists the known ones.
/// </summary>
public sealed class UnknownNameTests : IAsyncDisposable
{
    private const string Orders = "/api/collections/order/records";
    private const string Items = "/api/collections/item/records";
    private const string Categories = "/api/collections/category/records";
    private const string MustBeAState = "must be received, production, completed or dispatched";

    private readonly KaffediemServer _server = KaffediemServer.Start();
    private readonly RestClient _client;

    public UnknownNameTests() => _client = _server.CreateClient();

    [Theory]
    [InlineData("POST", Orders, """{"items":[{"item":1},{"item":1,"qty":2}]}""",
        """{"items":[{},{"qty":["is not a field; the fields are item, customizations"]}]}""")]
    [InlineData("POST", Orders, """{"items":[{"item":1,"customizations":[{"key":1,"values":[1],"value":[1]}]}]}""",
        """{"items":[{"customizations":[{"values":["is not a field; the fields are value, key"]}]}]}""")]
    [InlineData("POST", Orders, """{"items":[{"item":1}],"custommer_id":7}""",
        """{"custommer_id":["is not a field; the fields are customer_id, uuid, state, items, missing_information"]}""")]
    [InlineData("PATCH", Orders + "/1", """{"stat":"completed"}""",
        """{"stat":["is not a field; the fields are state, items, customer_id, missing_information"]}""")]
    [InlineData("PATCH", Orders + "/1", """{"items":[{"item_id":1,"name":"Latte","item":1}]}""",
        """
        {"items":[{"item":["is not a field; the fields are item_id, name, price, category, left_out, customizations"]}]}
        """)]
    [InlineData("POST", Categories, """{"name":"x","sortOrder":3,"colour":"red"}""",
        """
        {"sortOrder":["is not a field; the fields are sort_order, name, enable, valid_customizations"],
         "colour":["is not a field; the fields are name, sort_order, enable, valid_customizations"]}
        """)]
    [InlineData("PATCH", Categories + "/1", """{"valid_customizations":[{"key_id":1,"key":1}]}""",
        """{"valid_customizations":[{"key":["is not a field; the fields are key_id"]}]}""")]
    [InlineData("PATCH", Items + "/1", """{"price":30}""",
        """{"price":["is not a field; the fields are price_nok, name, image, enable, sort_order, category_id"]}""")]
    [InlineData("PATCH", "/api/collections/status/records/1", """{"Open":true}""",
        """{"Open":["is not a field; the fields are open, message_id, show_message"]}""")]
    public async Task Unknown_field_is_refused_and_nothing_is_written(
        string method, string path, string body, string errors)
    {
        var before = (await _client.GetAsync(path)).Text;

        (await _client.SendAsync(method, path, body)).Is(422, $$"""{"errors":{{errors}}}""");

        Assert.Equal(before, (await _client.GetAsync(path)).Text);
    }

    [Fact]
    public async Task Refusal_names_at_most_three_unknown_fields()
    {
        var many = string.Join(',', Enumerable.Range(0, 1000).Select(number => $"\"x{number}\":1"));

        var errors = (await _client.PostAsync(Orders, $$"""{"items":[{"item":1}],{{many}}}"""))
            .Is(422)
            .GetProperty("errors");

        Assert.Equal(["x0", "x1", "x2"], errors.EnumerateObject().Select(error => error.Name));
    }

    // A client that reads a record, changes it and sends it back has not misspelled anything.
    [Theory]
    [InlineData("category")]
    [InlineData("item")]
    [InlineData("customization_key")]
    [InlineData("customization_value")]
    [InlineData("order")]
    [InlineData("message")]
    [InlineData("status")]
    public async Task Record_as_read_may_be_sent_back(string collection)
    {
        var path = $"/api/collections/{collection}/records/1";
        var record = (await _client.GetAsync(path)).Text;

        (await _client.PatchAsync(path, record)).Is(200);
    }

    [Fact]
    public async Task Order_line_as_read_may_be_sent_with_its_item()
    {
        var body = """
            {"id":5,"day_id":3,"created":"","items":[{"item":1,"item_id":1,"name":"x","price":1,"category":"y",
              "customizations":[{"key":1,"value":[1],"key_name":"Melk","price_change":0}]}]}
            """;

        (await _client.PostAsync(Orders, body)).Is(201);
    }

    // The front end's own bodies, including the properties that are not fields.
    [Theory]
    [InlineData(
        "POST", Categories, """{"id":0,"name":"Is","sort_order":-5,"enable":true,"valid_customizations":[1,2]}""")]
    [InlineData(
        "PATCH",
        Categories + "/1",
        """{"id":1,"name":"Kaffe","sort_order":0,"enable":true,"valid_customizations":[]}""")]
    [InlineData("POST", "/api/collections/customization_key/records",
        """
        {"id":0,"name":"x","enable":true,"label_color":"#ff0000","default_value":"","multiple_choice":false,"sort_order":1}
        """)]
    [InlineData("POST", "/api/collections/customization_value/records",
        """
        {"id":0,"name":"x","price_increment_nok":5,"constant_price":true,"belongs_to":1,"enable":true,"sort_order":1}
        """)]
    [InlineData("POST", Items,
        """{"name":"x","price_nok":30,"category_id":1,"enable":true,"sort_order":20,"image":""}""")]
    [InlineData("POST", Orders,
        """
        {"customer_id":1,"items":[{"item":1,"customizations":[{"key":1,"value":[1]}]}],"state":"received",
         "missing_information":false}
        """)]
    [InlineData("PATCH", Orders + "/1", """{"state":"production"}""")]
    [InlineData("PATCH", Orders + "/1", "{}")]
    [InlineData("POST", "/api/collections/message/records", """{"title":"","subtitle":null}""")]
    [InlineData(
        "PATCH", "/api/collections/status/records/1", """{"open":true,"show_message":false,"message_id":null}""")]
    public async Task Bodies_of_the_front_end_are_accepted(string method, string path, string body)
    {
        (await _client.SendAsync(method, path, body)).Is(method == "POST" ? 201 : 200);
    }

    [Fact]
    public async Task Names_that_begin_with_an_underscore_are_ignored()
    {
        (await _client.PostAsync(Categories, """{"name":"x","_csrf_token":"abc","_method":"POST"}""")).Is(201);
        (await _client.GetAsync(Categories + "?_=1764500000000&_format=json")).Is(200);
    }

    [Theory]
    [InlineData(""" "bogus" """)]
    [InlineData(""" "Received" """)]
    [InlineData("1")]
    [InlineData("[]")]
    public async Task Unknown_state_is_refused_with_the_list_of_states(string state)
    {
        var errors = $$$"""{"errors":{"state":["{{{MustBeAState}}}"]}}""";

        (await _client.PostAsync(Orders, $$"""{"items":[{"item":1}],"state":{{state}}}""")).Is(422, errors);
        (await _client.PatchAsync(Orders + "/1", $$"""{"state":{{state}}}""")).Is(422, errors);
    }

    [Theory]
    [InlineData(Orders + "?state=received", "state", "from_date, ")]
    [InlineData(Orders + "?per_page=2", "per_page", "perPage, page, ")]
    [InlineData(Orders + "?customer_id[]=7", "customer_id[]", "customer_id, ")]
    [InlineData(Orders + "?fromDate=today", "fromDate", "from_date, ")]
    [InlineData(Items + "?from_date=today", "from_date", "sort, ")]
    [InlineData(Items + "?filter=price_nok>30", "filter", "perPage")]
    public async Task Unknown_parameter_of_a_list_is_refused(string path, string name, string nearest)
    {
        var reason = (await _client.GetAsync(path)).Is(400).GetProperty("errors").GetProperty(name)[0].GetString()!;

        Assert.StartsWith("is not a parameter here; the parameters are ", reason, StringComparison.Ordinal);
        Assert.Contains(nearest, reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Known_parameters_are_listed_nearest_first()
    {
        (await _client.GetAsync(Orders + "?per_page=2")).Is(400, """
            {"errors":{"per_page":
              ["is not a parameter here; the parameters are perPage, page, sort, from_date, customer_id"]}}
            """);
        (await _client.GetAsync(Items + "?PERPAGE=2&Page=1")).Is(200);
    }

    [Theory]
    [InlineData("collection=order", "collection", "collections, ")]
    [InlineData("collections=order&fromdate=today", "fromdate", "from_date, ")]
    [InlineData("collections=order&lastEventId=x:1", "lastEventId", "last_event_id, ")]
    [InlineData("collections=order&since=3", "since", "collections")]
    public async Task Unknown_parameter_of_an_event_stream_is_refused(string query, string name, string nearest)
    {
        var reason = (await _client.GetAsync("/api/events?" + query))
            .Is(400)
            .GetProperty("errors")
            .GetProperty(name)[0]
            .GetString()!;

        Assert.StartsWith("is not a parameter here; the parameters are ", reason, StringComparison.Ordinal);
        Assert.Contains(nearest, reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "orders/records", "orders", "order, ")]
    [InlineData("POST", "orders/records", "orders", "order, ")]
    [InlineData("DELETE", "products/records/1", "products", "status")]
    [InlineData("GET", "Items", "Items", "item, ")]
    [InlineData("GET", "menu/records", "menu", "item")]
    [InlineData("GET", "", "", "category")]
    public async Task Unknown_collection_is_refused_with_the_list_of_collections(
        string method, string path, string name, string nearest)
    {
        var answer = await _client.SendAsync(method, "/api/collections/" + path, method == "POST" ? "{}" : null);

        var detail = answer.Is(404).GetProperty("errors").GetProperty("detail").GetString()!;
        Assert.StartsWith($"\"{name}\" is not a collection; the collections are ", detail, StringComparison.Ordinal);
        Assert.Contains(nearest, detail, StringComparison.Ordinal);
        Assert.Equal(7, detail.Split(',').Length);
    }

    [Fact]
    public async Task Long_name_is_truncated()
    {
        var detail = (await _client.GetAsync($"/api/collections/{new string('x', 5000)}/records"))
            .Is(404).GetProperty("errors").GetProperty("detail").GetString()!;

        Assert.StartsWith($"\"{new string('x', 40)}…\" is not a collection;", detail, StringComparison.Ordinal);
        Assert.True(detail.Length < 300, detail);
    }

    [Theory]
    [InlineData("/api/collections/order/records/999999")]
    [InlineData("/api/collections/order/nope")]
    [InlineData("/api/collectionsx/order")]
    public async Task Other_unknown_paths_return_a_plain_404(string path)
    {
        (await _client.GetAsync(path)).Is(404, """{"errors":{"detail":"Not Found"}}""");
    }

    [Fact]
    public async Task Unsortable_field_is_refused_with_the_list_of_sortable_ones()
    {
        (await _client.GetAsync(Items + "?sort=-price")).Is(400, """
            {"errors":{"sort":["cannot be by \"-price\"; it can be by price_nok, id, name, image, enable, sort_order,
             updated_at, category_id, inserted_at, category_name"]}}
            """.ReplaceLineEndings(""));
        var twice = (await _client.GetAsync(Items + "?sort=id,-id"))
            .Is(400)
            .GetProperty("errors")
            .GetProperty("sort")[0];
        Assert.Equal("names \"id\" twice", twice.GetString());
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }
}
