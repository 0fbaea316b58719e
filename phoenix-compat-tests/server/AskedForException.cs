namespace Kaffediem.CompatServer;

/// <summary>The crash that a test requests.</summary>
internal sealed class AskedForException() : Exception("A test requested this crash.");
