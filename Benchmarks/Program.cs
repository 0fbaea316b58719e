using Kaffediem.Benchmarks.Load;
using Kaffediem.Benchmarks.Peers;

// One program, several processes: it starts itself anew with the role that a process is to have.
return args switch
{
    ["load", .. var plan] => LoadClient.Run(plan),
    ["peer", var kind] => await PeerServer.RunAsync(kind),
    _ => 2,
};
