namespace Kaffediem.Persistence.Writing;

/// <summary>A fault of the machine that a write ran into.</summary>
/// <param name="Description">One line without the file's name.</param>
/// <param name="IsDamage">
/// Whether stored data could not be read. Writes elsewhere in the file may still succeed.
/// </param>
internal readonly record struct DiskFault(string Description, bool IsDamage);
