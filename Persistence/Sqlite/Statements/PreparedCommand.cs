using System.Data;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite.Statements;

/// <summary>
/// The command that Dapper creates, uses once and disposes of: a text and parameters. It runs the prepared command of
/// that text, which it then returns to the connection.
/// </summary>
internal sealed class PreparedCommand(PreparedConnection connection) : SqliteCommand
{
    private SqliteCommand? _command;
    private bool _hasFailed;

    public override int ExecuteNonQuery() => Run(static (command, _) => command.ExecuteNonQuery(), default);

    public override object? ExecuteScalar() => Run(static (command, _) => command.ExecuteScalar(), default);

    public override SqliteDataReader ExecuteReader(CommandBehavior behavior) =>
        Run(static (command, behavior) => command.ExecuteReader(behavior), behavior);

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

    private T Run<T>(Func<SqliteCommand, CommandBehavior, T> run, CommandBehavior behavior)
    {
        _command = TakePrepared();
        _hasFailed = true;
        var result = run(_command, behavior);
        _hasFailed = false;
        return result;
    }

    // Not before: Dapper expands lists in the text (IN @ids) after it has added the parameters.
    private SqliteCommand TakePrepared()
    {
        var command = connection.Take(CommandText);
        foreach (SqliteParameter parameter in Parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
