namespace Kaffediem.IntegrationTests.Reliability.Hostile;

/// <summary>An attack that no honest client would make.</summary>
/// <param name="Name">What it does.</param>
/// <param name="Answer">The expected answer.</param>
/// <param name="CommitAsync">
/// Does it, asserts the answer, and asserts that the honest clients are served meanwhile.
/// </param>
internal sealed record HostileAttack(string Name, string Answer, Func<HonestCompany, Task> CommitAsync)
{
    /// <summary>
    /// Whether it takes as long as a server timeout: such attacks all start at once, before the others.
    /// </summary>
    public bool IsSlow { get; init; }

    /// <summary>An attack that is over at once: it is repeated until the honest clients were served.</summary>
    public static HostileAttack Repeated(string name, string answer, Func<HonestCompany, Task> commitAsync) =>
        new(name, answer, company => company.ServeBesideAsync(() => commitAsync(company)));
}
