namespace Kaffediem.IntegrationTests.Support.Servers;

/// <summary>The administrator of the sample that Kaffebase left.</summary>
internal static class Administrator
{
    public const string Email = "admin@kaffediem.test";

    /// <summary>The password in the sample. It is published and accepted in Development only.</summary>
    public const string PublishedPassword = "kaffediem";

    /// <summary>The password outside Development.</summary>
    public const string Password = "god kaffe";

    // The hash of Password, with the cost of the sample's.
    private const string Hash = "$2b$12$TO3iRJde8zDZ6V8.Wj1z.O/I9a8i/CpDGbyC94NY8GrU118lWb1I2";

    /// <summary>
    /// Gives the administrator <see cref="Password"/>, in a copy of the sample that no server has open.
    /// </summary>
    public static void GiveOwnPassword(string database) => SqliteFile.Execute(
        database, $"UPDATE users SET hashed_password = '{Hash}' WHERE email = '{Email}'");
}
