namespace Kaffediem.IntegrationTests.Support;

/// <summary>The administrator of the sample that Kaffebase left.</summary>
internal static class Administrator
{
    public const string Email = "admin@kaffediem.test";

    /// <summary>The password in the sample, which is published: it counts in Development only.</summary>
    public const string PublishedPassword = "kaffediem";

    /// <summary>The password elsewhere.</summary>
    public const string Password = "god kaffe";

    // Cheap: with the sample's cost of 12, each sign-in of a test would be a quarter of a second of work.
    private static readonly string Hash = BCrypt.Net.BCrypt.HashPassword(Password, workFactor: 4);

    /// <summary>
    /// Gives the administrator <see cref="Password"/>, in a copy of the sample that no server has open.
    /// </summary>
    public static void GiveOwnPassword(string database) => SqliteFile.Execute(
        database, $"UPDATE users SET hashed_password = '{Hash}' WHERE email = '{Email}'");
}
