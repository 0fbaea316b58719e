namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>Something that a client does which no honest one would.</summary>
/// <param name="Name">What it does.</param>
/// <param name="Answer">What the server answers.</param>
/// <param name="CommitAsync">
/// Does it, asserts what the server answers, and has the honest company served while it is under way.
/// </param>
internal sealed record HostileAttack(string Name, string Answer, Func<HonestCompany, Task> CommitAsync)
{
    /// <summary>
    /// Whether it takes as long as the server's patience: such acts are all begun at once, before the others.
    /// </summary>
    public bool IsSlow { get; init; }

    /// <summary>
    /// An act that is over in a moment: it is done again and again until the honest company has been served.
    /// </summary>
    public static HostileAttack Repeated(string name, string answer, Func<HonestCompany, Task> commitAsync) =>
        new(name, answer, company => company.ServeBesideAsync(() => commitAsync(company)));
}
