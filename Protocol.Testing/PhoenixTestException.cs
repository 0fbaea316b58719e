namespace Kaffediem.Protocol.Testing;

/// <summary>An expectation was not met. Its message says what came instead, and what the server has logged.</summary>
public sealed class PhoenixTestException : Exception
{
    internal PhoenixTestException(string message)
        : base(message)
    {
    }
}
