using Microsoft.Extensions.DependencyInjection;

namespace Kaffediem.Protocol;

/// <summary>Which channel serves which topic: the first route that matches, in the order they were added.</summary>
public sealed class ChannelRoutes
{
    private readonly List<(string Prefix, bool IsExact, ObjectFactory Factory)> _routes = [];

    /// <summary>Routes a topic to a channel, of which every join gets an instance of its own.</summary>
    /// <typeparam name="TChannel">The channel; its constructor's parameters are singletons of the application.</typeparam>
    /// <param name="topicPattern">A topic, or a prefix followed by one star at the end, as <c>room:*</c>.</param>
    /// <exception cref="ArgumentException">A star stands elsewhere than at the end.</exception>
    public ChannelRoutes Channel<TChannel>(string topicPattern)
        where TChannel : Channel
    {
        var star = topicPattern.IndexOf('*', StringComparison.Ordinal);
        if (star >= 0 && star != topicPattern.Length - 1)
        {
            // Phoenix: only a trailing star (socket.ex, channel/3).
            throw new ArgumentException("A topic pattern may have one star, at its end.", nameof(topicPattern));
        }

        var factory = ActivatorUtilities.CreateFactory(typeof(TChannel), []);
        _routes.Add((topicPattern.TrimEnd('*'), star < 0, factory));
        return this;
    }

    internal ObjectFactory? Match(string topic)
    {
        foreach (var (prefix, isExact, factory) in _routes)
        {
            if (isExact ? topic == prefix : topic.StartsWith(prefix, StringComparison.Ordinal))
            {
                return factory;
            }
        }

        return null;
    }
}
