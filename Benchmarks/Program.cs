using Kaffediem.Benchmarks;
using Kaffediem.Benchmarks.Load;
using Kaffediem.Benchmarks.Peers;
using Kaffediem.Benchmarks.Processes;

if (!OperatingSystem.IsLinux())
{
    await Console.Error.WriteLineAsync(
        "The benchmarks need Linux: the load client uses epoll, and reads the use of CPU and memory from /proc.");
    return 2;
}

try
{
    // One program, several roles: it starts itself again, once for each process that it needs.
    return args switch
    {
        ["load", .. var plan] => LoadClient.Run(plan),
        ["peer", var kind] => await PeerServer.RunAsync(kind),
        ["guard"] => Guard.Run(),
        ["--help" or "-h"] => Help(),
        _ => await Runner.RunAsync(RunOptions.Parse(args)),
    };
}
catch (ArgumentException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 2;
}

static int Help()
{
    Console.WriteLine(RunOptions.Help);
    return 0;
}
