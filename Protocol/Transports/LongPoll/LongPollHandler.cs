using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Kaffediem.Protocol;

/// <summary>
/// The long-poll transport: each request of a client, and its answer (docs/protocol.md, "Long-poll"; phoenix@167c469
/// <c>lib/phoenix/transports/long_poll.ex</c>). The HTTP status is nearly always 200. The real status is in the JSON,
/// and only those that phoenix.js knows are used.
/// </summary>
internal sealed class LongPollHandler(
    SocketServices services, SocketConnector connector, UnprovenSessions unproven)
{
    public const string TransportName = "longpoll";
    private const string TokenHeader = "x-phoenix-longpoll-token";

    private readonly LongPollSessions _sessions = new(connector.Registry, unproven);
    private readonly LongPollTokens _tokens = new(services.Time);

    public Task HandleAsync(HttpContext context)
    {
        context.ExpectLongRequest();
        if (HttpMethods.IsConnect(context.Request.Method))
        {
            // An answer of 200 would be a tunnel, and must not have a body (RFC 9110 §9.3.6).
            return RefuseAsync(context, Refusal.Method);
        }

        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        headers.CacheControl = LongRequest.CacheControl;
        if (connector.CheckOrigin(context.Request) is { } foreign)
        {
            return RefuseAsync(context, foreign);
        }

        return HttpMethods.GetCanonicalizedValue(context.Request.Method) switch
        {
            "GET" => GetAsync(context),
            "POST" => PostAsync(context),
            "OPTIONS" => AnswerPreflightAsync(context),
            _ => RefuseAsync(context, Refusal.Method),
        };
    }

    private static Task AnswerPreflightAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        var asked = string.Join(", ", context.Request.Headers.AccessControlRequestHeaders.ToArray());
        if (!asked.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            headers.AccessControlAllowHeaders = asked; // other characters cannot be in a header's name or value
        }

        headers.AccessControlAllowMethods = "get, post, options";
        headers.AccessControlMaxAge = "3600";
        return Task.CompletedTask;
    }

    private async Task GetAsync(HttpContext context)
    {
        var parameters = SocketConnector.ReadParams(context.Request);
        var shown = ShownToken(context.Request, parameters);
        var token = _tokens.Read(shown);
        if (Find(token) is not { } session)
        {
            // A client with a token had a session, if only with the process before this one.
            await OpenAsync(context, parameters, isReopened: !string.IsNullOrEmpty(shown));
        }
        else if (Prove(context, session) is { } refusal)
        {
            await RefuseAsync(context, refusal);
        }
        else if (session.NeverRejoined)
        {
            // phoenix.js up to 1.8.1 takes the 410 of a session that has ended for a first one, and goes on with the
            // new token without joining again (phoenix#6538): it would never receive anything. After a 500 it starts
            // over and joins.
            session.Drop(CloseReason.Idle);
            await LongPollAnswer.WriteAsync(context.Response, StatusCodes.Status500InternalServerError);
        }
        else
        {
            session.EnterPoll();
            try
            {
                await PollAsync(context, parameters, session, token!.Value.Received); // a session has a token
            }
            finally
            {
                session.LeavePoll();
            }
        }
    }

    private async Task PollAsync(HttpContext context, JsonObject parameters, LongPollSession session, long received)
    {
        PollResult? answer;
        try
        {
            answer = await session.PollAsync(received, context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return; // the client has given up this poll
        }

        if (answer is not null)
        {
            await AnswerAsync(context, session, answer);
            return;
        }

        _sessions.Remove(session);
        await OpenAsync(context, parameters, isReopened: true);
    }

    private async Task AnswerAsync(HttpContext context, LongPollSession session, PollResult answer)
    {
        var token = _tokens.Sign(new LongPollToken(session.Id, answer.LastNumber));
        var isWritten = false;
        try
        {
            isWritten = await LongPollAnswer.WriteAsync(context, token, answer.Messages, services);
        }
        catch (TimeoutException)
        {
            session.Close(CloseReason.Stalled);
            context.Abort(); // the queued bytes would keep the connection open for as long as the client likes
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone.
        }

        // The connection may also have broken after the last byte was accepted.
        if (!isWritten || context.RequestAborted.IsCancellationRequested)
        {
            session.GiveUp(answer);
        }
    }

    // 410 is the normal answer to the first poll: it brings the token.
    private async Task OpenAsync(HttpContext context, JsonObject parameters, bool isReopened)
    {
        var (client, refusal) = connector.Registry.EnterUnproven(
            context.Connection.RemoteIpAddress, ClientUser.Of(context.User));
        if (client is null)
        {
            await RefuseAsync(context, refusal!); // without a client there is a refusal
            return;
        }

        LongPollSession? session = null;
        try
        {
            var authToken = (string?)context.Request.Headers[SocketConnector.AuthTokenHeader];
            (var connected, refusal) = await connector.ConnectAsync(context, parameters, TransportName, authToken);
            session = connected is null ? null : Open(context, connected, client, isReopened);
        }
        finally
        {
            if (session is null)
            {
                client.Dispose(); // refused, or the application failed, or the client did not wait for its answer
            }
        }

        if (session is null)
        {
            await RefuseAsync(context, refusal!); // without a session there is a refusal
            return;
        }

        var token = _tokens.Sign(new LongPollToken(session.Id, LongPollToken.Opening));
        await LongPollAnswer.WriteAsync(context.Response, StatusCodes.Status410Gone, token);
    }

    private LongPollSession Open(HttpContext context, Connected connected, Connecting client, bool isReopened)
    {
        var session = new LongPollSession(_sessions, isReopened, services);
        var socket = new SocketSession(connected, session, new MessageRate(services.Options, services.Time), services);
        session.Open(socket, onEnd: () =>
        {
            socket.Dispose();
            unproven.Remove(session);
            session.Place?.Dispose();
            services.Metrics.ConnectionEnded(TransportName, connected.Serializer.Version);
        });
        services.Metrics.ConnectionOpened(TransportName, connected.Serializer.Version);
        _sessions.Add(session, client, connected.Id);
        unproven.Add(session, context.Connection.RemoteIpAddress);
        return session;
    }

    private async Task PostAsync(HttpContext context)
    {
        var token = _tokens.Read(ShownToken(context.Request, SocketConnector.ReadParams(context.Request)));
        if (Find(token) is not { IsClosing: false } session)
        {
            await LongPollAnswer.WriteAsync(context.Response, StatusCodes.Status410Gone);
            return;
        }

        if (Prove(context, session) is { } refusal)
        {
            await RefuseAsync(context, refusal);
            return;
        }

        using var held = services.Unfinished.Begin(context.Connection.RemoteIpAddress, ClientUser.Of(context.User));
        var (body, refusedWith) = await LongPollBody.ReadAsync(context.Request, held, context.RequestAborted);
        if (body is null)
        {
            context.Response.StatusCode = refusedWith;
            return;
        }

        var status = await PublishAsync(session, body);
        held.Dispose(); // before the client knows, and sends more
        await LongPollAnswer.WriteAsync(context.Response, status);
    }

    private async Task<int> PublishAsync(LongPollSession session, LongPollBody body)
    {
        try
        {
            return await session.ReceiveAsync(body.Messages);
        }
        catch (InvalidMessageException exception)
        {
            SocketLog.InvalidMessage(services.Logger, exception.Message);
            session.Close(CloseReason.InvalidMessage);
        }
        catch (Exception exception)
        {
            services.OnFailed(exception);
            session.Close(CloseReason.Failed);
        }

        return StatusCodes.Status410Gone;
    }

    // The client shows a token from an answer, so it reads answers: now the session takes a place.
    private static Refusal? Prove(HttpContext context, LongPollSession session) =>
        session.Prove(context.Connection.RemoteIpAddress, ClientUser.Of(context.User));

    private LongPollSession? Find(LongPollToken? token) => token is { } known ? _sessions.Find(known.SessionId) : null;

    // The header since phoenix.js 1.9, before that the query; where both are given the header counts.
    private static string? ShownToken(HttpRequest request, JsonObject parameters)
    {
        var header = request.Headers[TokenHeader];
        return StringValues.IsNullOrEmpty(header) ? parameters["token"]?.ToString() : header.ToString();
    }

    // For phoenix.js every refusal is a 403. Where there is no room, an answer without JSON makes it try again later.
    private Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        connector.OnRefused(context, refusal, TransportName);
        if (IsPlain(refusal))
        {
            context.Response.StatusCode = refusal.StatusCode;
            return Task.CompletedTask;
        }

        return LongPollAnswer.WriteRefusalAsync(context.Response, refusal.Text);
    }

    private static bool IsPlain(Refusal refusal) =>
        refusal == Refusal.Method || refusal == Refusal.Draining || refusal.IsForLackOfRoom;
}
