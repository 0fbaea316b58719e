namespace Kaffediem.Persistence.Writing;

/// <summary>A key that a client sends with a request so that the same request, retried, is recognized.</summary>
/// <param name="Scope">The keys of one user and one collection have a scope of their own.</param>
/// <param name="Key">The client's choice, 1 to 255 characters.</param>
/// <param name="BodyHash">SHA-256 of the request's body, 32 bytes. Under one key it must be the same each time.</param>
/// <param name="Reused">The refusal of another request under a key that was already used.</param>
public sealed record IdempotencyKey(string Scope, string Key, byte[] BodyHash, FieldError Reused);
