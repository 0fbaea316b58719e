using System.Reflection;
using System.Text.RegularExpressions;
using Kaffediem.IntegrationTests.Support;

namespace Kaffediem.IntegrationTests.Docs;

/// <summary>The forms of a test run and the names of the experiments are as CONTRIBUTING.md says.</summary>
public sealed partial class ExperimentTests
{
    private const string Folder = "Kaffediem.IntegrationTests.Reliability.";

    private static readonly (string Class, string Experiment)[] All =
    [
        .. from type in typeof(ExperimentTests).Assembly.GetTypes()
           let experiment = type.GetCustomAttribute<ExperimentAttribute>()
           where experiment is not null
           select (type.FullName!, experiment.Name),
    ];

    [Fact]
    public void Each_experiment_is_in_the_table_and_each_row_of_it_exists()
    {
        var documented = RowPattern.Matches(Repository.Read("CONTRIBUTING.md")).Select(row => row.Groups["name"].Value);

        Assert.Equal(
            All.Select(it => it.Experiment).Distinct().Order(StringComparer.Ordinal),
            documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_filter_in_the_docs_picks_an_experiment()
    {
        var filters = from file in Repository.FindFiles("*.md")
                      from Match filter in FilterPattern.Matches(Repository.Read(file))
                      select filter.Groups["name"].Value;

        Assert.NotEmpty(filters);
        Assert.All(filters, name => Assert.Contains(name, All.Select(it => it.Experiment)));
    }

    /// <summary>So that <c>Category!=Experiment</c> leaves out every experiment.</summary>
    [Fact]
    public void Each_test_in_the_folder_of_the_experiments_belongs_to_one()
    {
        var classes = from type in typeof(ExperimentTests).Assembly.GetTypes()
                      where $"{type.Namespace}.".StartsWith(Folder, StringComparison.Ordinal)
                            && type.GetMethods().Any(method => method.IsDefined(typeof(FactAttribute)))
                      select type.FullName;

        Assert.Empty(classes.Except(All.Select(it => it.Class)));
    }

    [Theory]
    [InlineData(null, nameof(TestForm.Quick))]
    [InlineData("", nameof(TestForm.Quick))]
    [InlineData("quick", nameof(TestForm.Quick))]
    [InlineData("full", nameof(TestForm.Full))]
    [InlineData("long", nameof(TestForm.Long))]
    public void A_form_is_chosen_by_its_name(string? value, string form) =>
        Assert.Equal(form, $"{TestSettings.ParseForm(value)}");

    [Theory]
    [InlineData("SEED", "x", "KAFFEDIEM_TESTS_SEED=x: a whole number is expected.")]
    [InlineData("SEED", "-1", "KAFFEDIEM_TESTS_SEED=-1: a whole number is expected.")]
    [InlineData("CASE", "1.5", "KAFFEDIEM_TESTS_CASE=1.5: the number of a case is expected.")]
    [InlineData("ROUNDS", "0", "KAFFEDIEM_TESTS_ROUNDS=0: a number of rounds is expected.")]
    [InlineData("MINUTES", "soon", "KAFFEDIEM_TESTS_MINUTES=soon: a number of minutes is expected.")]
    [InlineData("MINUTES", "1,5", "KAFFEDIEM_TESTS_MINUTES=1,5: a number of minutes is expected.")]
    public void A_wrong_value_is_an_error_that_names_it(string name, string value, string message)
    {
        Assert.Equal(
            "KAFFEDIEM_TESTS=ful: the forms are quick, full and long.",
            Assert.Throws<InvalidOperationException>(() => TestSettings.ParseForm("ful")).Message);
        Assert.Equal(
            message, Assert.Throws<InvalidOperationException>(() => TestSettings.Parse(name, value)).Message);
    }

    [GeneratedRegex("^\\| `(?<name>[A-Z][a-z]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex RowPattern { get; }

    [GeneratedRegex("Experiment=(?<name>[A-Za-z]+)")]
    private static partial Regex FilterPattern { get; }
}
