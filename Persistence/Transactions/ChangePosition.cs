namespace Kaffediem.Persistence.Transactions;

/// <summary>A place in the change log.</summary>
/// <param name="Seq">The last change seen; 0 before the first.</param>
/// <param name="Epoch">The history that the number belongs to; <see cref="Database.Epoch"/>.</param>
public readonly record struct ChangePosition(long Seq, string Epoch);
