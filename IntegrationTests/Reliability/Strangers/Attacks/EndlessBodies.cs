namespace Kaffediem.IntegrationTests.Reliability.Strangers.Attacks;

/// <summary>Bodies of the maximum length that never end.</summary>
internal static class EndlessBodies
{
    private const int AtOnce = 150;
    private const int Announced = 8_000_000; // bytes
    private const int Sent = 7_000_000;

    // More than the 240 bytes a second that Kestrel requires.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private static readonly byte[] Most = [.. Enumerable.Repeat((byte)'[', Sent)];
    private static readonly byte[] Little = [.. Enumerable.Repeat((byte)'[', 1000)];

    public static IAttack Attack => new RepeatedAct("long bodies without an end", AtOnce, SendAsync)
    {
        MayGrow = 512L << 20,
    };

    private static async Task SendAsync(Attacker attacker, int number, CancellationToken stop)
    {
        if (await OpenSessionAsync(attacker, stop) is not { } token
            || await attacker.SendAsync(
                $"POST /socket/longpoll?vsn=2.0.0&token={Uri.EscapeDataString(token)}", $"Content-Length: {Announced}")
            is not { } line)
        {
            await Task.WhenAny(Task.Delay(Pause, stop)); // the request was refused
            return;
        }

        await Attacker.IsDoneAsync(() => DripAsync(line, stop));
        line.Reset();
    }

    private static async Task DripAsync(RawConnection line, CancellationToken stop)
    {
        await line.SendAsync(Most).WaitAsync(stop);
        while (!stop.IsCancellationRequested)
        {
            await line.SendAsync(Little).WaitAsync(stop);
            await Task.Delay(Pause, stop);
        }
    }

    private static async Task<string?> OpenSessionAsync(Attacker attacker, CancellationToken stop)
    {
        using var line = await attacker.SendAsync("GET /socket/longpoll?vsn=2.0.0", "Connection: close");
        var answer = "";
        return line is not null
            && await Attacker.IsDoneAsync(async () =>
                answer = await line.ReadHeadAsync(stop) + await line.ReadToEndAsync())
            && answer.Split("\"token\":\"") is [_, var rest]
                ? rest.Split('"')[0]
                : null;
    }
}
