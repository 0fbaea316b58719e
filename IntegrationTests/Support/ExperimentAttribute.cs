using Xunit.v3;

namespace Kaffediem.IntegrationTests.Support;

/// <summary>
/// The tests of an experiment (docs/reliability.md): <c>--filter Experiment=Kill</c> picks one, and
/// <c>--filter Category=Experiment</c> all.
/// </summary>
/// <param name="name">The experiment's name.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ExperimentAttribute(string name) : Attribute, ITraitAttribute
{
    public string Name => name;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() =>
        [new("Category", "Experiment"), new("Experiment", name)];
}
