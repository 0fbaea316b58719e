namespace Kaffediem.CompatServer;

/// <summary>The crash that a test wants.</summary>
internal sealed class AskedForException() : Exception("A test has asked for this.");
