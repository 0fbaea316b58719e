namespace Kaffediem.IntegrationTests.Layers;

/// <summary>The guard of the folders finds a planted cycle, and only that.</summary>
public sealed class FolderGraphTests
{
    [Fact]
    public void Cycle_of_three_folders_is_found_and_a_folder_that_only_uses_them_is_not_part_of_it()
    {
        var graph = Graph(
            ("A/One.cs", "internal sealed class One(Two two);"),
            ("B/Two.cs", "public static class Two\n{\n    private Three? _three;\n}"),
            ("C/Three.cs", "internal readonly record struct Three(One One);"),
            ("D/Four.cs", "internal enum Four { A = One.X }"));

        Assert.Equal(
            ["A -> B: One.cs mentions Two", "B -> C: Two.cs mentions Three", "C -> A: Three.cs mentions One"],
            graph.FindCycles([]));
    }

    [Fact]
    public void Comments_strings_usings_and_members_do_not_count_as_mentions()
    {
        var graph = Graph(
            ("A/One.cs", "using B.Two;\n/// <see cref=\"Two\"/>\ninternal sealed class One // Two\n"
                + "{\n    string text = \"https://Two\" + '\"' + \"Two\"; int x = y.Two;\n}"),
            ("B/Two.cs", "internal sealed class Two(One one);"));

        Assert.Empty(graph.FindCycles([]));
    }

    [Fact]
    public void Generic_type_is_mentioned_with_its_angle_bracket_only()
    {
        (string, string) declaration = ("B/Two.cs", "internal sealed record Read<T>(One one);");

        var method = Graph(("A/One.cs", "internal sealed class One\n{\n    int Read() => 0;\n}"), declaration);
        var mention = Graph(("A/One.cs", "internal sealed class One(Read<int> read);"), declaration);

        Assert.Empty(method.FindCycles([]));
        Assert.Equal(2, mention.FindCycles([]).Count);
    }

    [Fact]
    public void Code_after_a_string_with_slashes_is_read()
    {
        var graph = Graph(
            ("A/One.cs", "internal sealed class One\n{\n    object x = \"https://\" + new Two();\n}"),
            ("B/Two.cs", "internal sealed class Two(One one);"));

        Assert.Equal(2, graph.FindCycles([]).Count);
    }

    [Fact]
    public void Files_in_the_root_are_folders_of_their_own()
    {
        var graph = Graph(
            ("Options.cs", "public sealed class Options;"),
            ("Program.cs", "internal static class Composition\n{\n    One one;\n}"),
            ("A/One.cs", "internal sealed class One(Options options);"));

        Assert.Empty(graph.FindCycles([]));
    }

    [Fact]
    public void Justified_mention_is_left_out_and_a_cycle_without_it_is_still_found()
    {
        var graph = Graph(
            ("A/One.cs", "internal sealed class One(Two two, Three three);"),
            ("B/Two.cs", "internal sealed class Two(One one);"),
            ("C/Three.cs", "internal sealed class Three(Two two);"));

        Assert.Empty(graph.FindCycles([("B", "A")]));
        Assert.Equal(
            ["A -> C: One.cs mentions Three", "B -> A: Two.cs mentions One", "C -> B: Three.cs mentions Two"],
            graph.FindCycles([("A", "B")]));
    }

    private static FolderGraph Graph(params (string Path, string Text)[] files) => new(files);
}
