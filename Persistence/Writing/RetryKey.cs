namespace Kaffediem.Persistence.Writing;

/// <summary>What a client sends along with a request so that the same request, sent again, is known as such.</summary>
/// <param name="Scope">Where the key is one of its kind: whose it is, and of which collection.</param>
/// <param name="Key">The client's choice, 1 to 255 characters.</param>
/// <param name="BodyHash">SHA-256 of what is asked for, 32 bytes. Under one key it must be the same each time.</param>
/// <param name="Reused">The refusal of a request that asks for something else under a key that was used.</param>
public sealed record RetryKey(string Scope, string Key, byte[] BodyHash, FieldError Reused);
