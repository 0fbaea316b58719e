using System.Text.Json;

namespace Kaffediem.IntegrationTests.Protocol.Fuzz;

/// <summary>The replies that a client waits for. Every reply must belong to a message it sent.</summary>
internal sealed class Expectations(int version)
{
    private readonly HashSet<(string Ref, string Topic)> _sent = [];
    private readonly Dictionary<(string Ref, string Topic), int> _missing = [];

    public bool IsMet => _missing.Count == 0;

    /// <summary>Notes a frame before it is sent.</summary>
    /// <returns>Whether it is a message.</returns>
    public bool Add(FuzzFrame frame)
    {
        if (ClientMessage.Read(version, frame.Bytes, frame.IsBinary) is not { } message)
        {
            return false;
        }

        var key = (Word(message.Ref), Word(message.Topic));
        _sent.Add(key);
        if (message.MustBeAnswered)
        {
            _missing[key] = _missing.GetValueOrDefault(key) + 1;
        }

        return true;
    }

    public void Take(int opcode, byte[] frame)
    {
        var message = ServerMessage.Decode(version, opcode, frame);
        if (!message.IsReply)
        {
            return;
        }

        var key = (Word(message.Ref), Word(message.Topic));
        Assert.True(_sent.Contains(key), $"{message} answers nothing that was sent.");
        if (_missing.TryGetValue(key, out var count) && count > 1)
        {
            _missing[key] = count - 1;
        }
        else
        {
            _missing.Remove(key);
        }
    }

    // A binary frame carries only texts: the digits of a number, and an empty text for null.
    private static string Word(string json) => json[0] switch
    {
        '"' => JsonSerializer.Deserialize<string>(json)!,
        'n' => "",
        _ => json,
    };
}
