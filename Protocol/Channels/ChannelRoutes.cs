using System.Diagnostics.CodeAnalysis;

namespace Kaffediem.Protocol;

/// <summary>Which channel serves which topic: the first route that matches, in the order they were added.</summary>
public sealed class ChannelRoutes
{
    private readonly List<Route> _routes = [];

    /// <summary>Routes a topic to a channel, of which every join gets an instance of its own.</summary>
    /// <typeparam name="TChannel">
    /// The channel. Its constructor's parameters are services of the application, scoped ones too: every join has its
    /// own scope.
    /// </typeparam>
    /// <param name="topicPattern">A topic, or a prefix followed by one star at the end, such as <c>room:*</c>.</param>
    /// <exception cref="ArgumentException">
    /// The route could never serve a join: the pattern is empty, has a star elsewhere than at the end, or only matches
    /// topics of an earlier route; or the channel has no constructor to call; or it asks for authorization by an
    /// attribute, which only endpoints honour.
    /// </exception>
    public ChannelRoutes Channel<[DynamicallyAccessedMembers(Construction.Members)] TChannel>(string topicPattern)
        where TChannel : Channel
    {
        RequirePattern(topicPattern);
        AuthorizationAttributes.RefuseOnClass(typeof(TChannel));
        AuthorizationAttributes.RefuseOnMethods(typeof(TChannel));
        _routes.Add(new Route(topicPattern, Construction.Of<TChannel>()));
        return this;
    }

    internal Func<IServiceProvider, Channel>? Match(string topic)
    {
        foreach (var route in _routes)
        {
            if (route.Matches(topic))
            {
                return route.Create;
            }
        }

        return null;
    }

    private void RequirePattern(string topicPattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(topicPattern);
        var star = topicPattern.IndexOf('*', StringComparison.Ordinal);
        if (star >= 0 && star != topicPattern.Length - 1)
        {
            // Phoenix: only a trailing star (phoenix@167c469 lib/phoenix/socket.ex, channel/3).
            throw new ArgumentException(
                $"The topic pattern \"{topicPattern}\" may have one star, at its end.", nameof(topicPattern));
        }

        if (_routes.Find(route => route.Covers(topicPattern)) is { } earlier)
        {
            throw new ArgumentException(
                $"The topic pattern \"{topicPattern}\" is never reached: \"{earlier.Pattern}\", added before it, "
                + "matches the same topics. Add the more specific pattern first.",
                nameof(topicPattern));
        }
    }

    private sealed record Route(string Pattern, Func<IServiceProvider, Channel> Create)
    {
        private readonly string _prefix = Pattern.TrimEnd('*');
        private readonly bool _isExact = !Pattern.EndsWith('*');

        public bool Matches(string topic) =>
            _isExact ? topic == _prefix : topic.StartsWith(_prefix, StringComparison.Ordinal);

        /// <summary>Whether every topic that the pattern matches is served by this route.</summary>
        public bool Covers(string pattern) => pattern == Pattern || (!_isExact && Matches(pattern));
    }
}
