using System.Diagnostics.CodeAnalysis;
using Kaffediem.Server.Http;

namespace Kaffediem.Server.Records;

/// <summary>The collections that are registered.</summary>
internal sealed class Collections(IEnumerable<IServedCollection> collections)
{
    private readonly OrderedDictionary<string, IServedCollection> _byName =
        new(collections.Select(collection => KeyValuePair.Create(collection.Name, collection)));

    /// <summary>All of them, in the order in which event streams send them.</summary>
    public IReadOnlyList<IServedCollection> All => _byName.Values;

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Names => _byName.Keys;

    /// <summary>Finds a collection by its name.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out IServedCollection? collection) =>
        _byName.TryGetValue(name, out collection);

    /// <summary>Describes an unknown name: it lists the names that exist, the most similar one first.</summary>
    public string DescribeUnknown(string name) => DescribeUnknown(name, Names);

    /// <inheritdoc cref="DescribeUnknown(string)"/>
    public static string DescribeUnknown(string name, IEnumerable<string> existing) =>
        $"{NameHints.Quote(name)} is not a collection; the collections are {NameHints.List(existing, name)}";
}
