namespace Kaffediem.Server.Admission;

/// <summary>The budgets for the work that clients can cause (docs/design.md, "Admission").</summary>
internal static class AdmissionExtensions
{
    public static void AddAdmission(this IServiceCollection services, ReadOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<LongReads>();
        services.AddSingleton<LongAnswers>();
        services.AddSingleton<SentFiles>();
    }
}
