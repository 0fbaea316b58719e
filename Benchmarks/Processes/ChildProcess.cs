using System.Diagnostics;

namespace Kaffediem.Benchmarks.Processes;

/// <summary>
/// A process that takes part in a measurement: a server or the load client. It ends with this object, and
/// in any case with the program (<see cref="Guard"/>).
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private ChildProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>The path of this program, for starting it in another role.</summary>
    public static string OwnPath => Environment.ProcessPath!;

    public int Id => _process.Id;

    public static ChildProcess Start(string path, params IEnumerable<string> arguments) =>
        Start(path, environment: [], arguments);

    public static ChildProcess Start(
        string path, IEnumerable<KeyValuePair<string, string?>> environment, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(path),
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        Guard.Watch(process.Id);
        return new ChildProcess(process);
    }

    /// <summary>The next line of its output.</summary>
    /// <exception cref="InvalidOperationException">The process has ended, or prints nothing for too long.</exception>
    public async Task<string> ReadLineAsync(TimeSpan timeout)
    {
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(timeout);
        return line ?? throw new InvalidOperationException(
            $"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)} has ended: "
                + $"{await _errors}");
    }

    /// <summary>Reads and discards the rest of the output, so that the process never blocks on a full pipe.</summary>
    public void IgnoreOutput() => _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.WaitForExit();
        _process.Dispose();
    }
}
