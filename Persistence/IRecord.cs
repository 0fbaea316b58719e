namespace Kaffediem.Persistence;

/// <summary>A record of a collection.</summary>
public interface IRecord
{
    /// <summary>The row's id, from 1. No id is used twice.</summary>
    long Id { get; }
}
