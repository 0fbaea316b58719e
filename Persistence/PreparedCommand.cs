using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence;

/// <summary>What Dapper makes, uses once and disposes of; the prepared command behind it goes back to its connection.</summary>
internal sealed class PreparedCommand(PreparedConnection connection) : DbCommand
{
    private SqliteCommand? _command;
    private bool _hasFailed;

    [AllowNull]
    public override string CommandText
    {
        get => Command.CommandText;
        set => _command = connection.Take(value ?? "");
    }

    public override int CommandTimeout
    {
        get => Command.CommandTimeout;
        set => Command.CommandTimeout = value;
    }

    public override CommandType CommandType
    {
        get => Command.CommandType;
        set => Command.CommandType = value;
    }

    public override UpdateRowSource UpdatedRowSource { get; set; }

    public override bool DesignTimeVisible { get; set; }

    protected override DbConnection? DbConnection
    {
        get => connection;
        set => throw new NotSupportedException();
    }

    protected override DbParameterCollection DbParameterCollection => Command.Parameters;

    protected override DbTransaction? DbTransaction { get; set; }

    // Dapper gives the text first, and with it everything else.
    private SqliteCommand Command => _command ?? throw new InvalidOperationException("The command has no text yet.");

    public override void Cancel() => Command.Cancel();

    public override void Prepare() => Command.Prepare();

    public override int ExecuteNonQuery() => Run(command => command.ExecuteNonQuery());

    public override object? ExecuteScalar() => Run(command => command.ExecuteScalar());

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) =>
        Run(command => command.ExecuteReader(behavior));

    protected override DbParameter CreateDbParameter() => Command.CreateParameter();

    protected override void Dispose(bool disposing)
    {
        if (disposing && _command is { } command)
        {
            _command = null;
            if (_hasFailed)
            {
                command.Dispose(); // whatever state its statement is in
            }
            else
            {
                connection.GiveBack(command);
            }
        }

        base.Dispose(disposing);
    }

    private T Run<T>(Func<SqliteCommand, T> run)
    {
        // A failure while rows are read is not seen here: the reader resets its statement, whatever has happened to it.
        _hasFailed = true;
        var result = run(Command);
        _hasFailed = false;
        return result;
    }
}
