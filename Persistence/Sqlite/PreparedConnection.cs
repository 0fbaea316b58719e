using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite;

/// <summary>
/// A connection whose statements stay prepared: SQLite takes longer to compile most of ours than to run them, and
/// Dapper throws a command away after each use. Of one text, one command is kept. Not thread-safe, as SQLite's own.
/// </summary>
internal sealed class PreparedConnection(SqliteConnection connection) : DbConnection
{
    // Twice what the program has; whoever builds texts at run time must not fill the memory with them.
    private const int MaxKept = 200;

    private readonly Dictionary<string, SqliteCommand> _idle = new(StringComparer.Ordinal);
    private readonly HashSet<string> _functions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DirectStatement> _direct = new(StringComparer.Ordinal);

    /// <summary>The connection itself.</summary>
    public SqliteConnection Sqlite => connection;

    [AllowNull]
    public override string ConnectionString
    {
        get => connection.ConnectionString;
        set => throw new NotSupportedException();
    }

    public override string Database => connection.Database;

    public override string DataSource => connection.DataSource;

    public override string ServerVersion => connection.ServerVersion;

    public override ConnectionState State => connection.State;

    public override void Open() => connection.Open();

    public override void Close() => connection.Close();

    public override void ChangeDatabase(string databaseName) => throw new NotSupportedException();

    /// <summary>Makes a function of a store known to SQL, the first time. No index may use it.</summary>
    public void Define(string name, Func<string?, double?> function)
    {
        if (_functions.Add(name))
        {
            connection.CreateFunction(name, function, isDeterministic: true);
        }
    }

    /// <summary>Runs a statement that has neither parameters nor rows, directly.</summary>
    public void Run(string text) => Direct(text).Run();

    /// <summary>
    /// The statement of a text that the program has as a constant, to be bound and run before it is asked for again.
    /// </summary>
    public DirectStatement Direct(string text)
    {
        if (!_direct.TryGetValue(text, out var statement))
        {
            statement = new DirectStatement(connection.Handle!, text);
            _direct.Add(text, statement);
        }

        return statement.Anew();
    }

    /// <summary>
    /// The command for a text, prepared if it was used before. Nobody else has it until it is given back.
    /// </summary>
    public SqliteCommand Take(string text)
    {
        if (_idle.Remove(text, out var command))
        {
            return command;
        }

        command = connection.CreateCommand();
        command.CommandText = text;
        return command;
    }

    /// <summary>Keeps a command that has done its work for the next use of its text.</summary>
    public void GiveBack(SqliteCommand command)
    {
        command.Parameters.Clear();
        if (_idle.Count >= MaxKept || !_idle.TryAdd(command.CommandText, command))
        {
            command.Dispose();
        }
    }

    protected override DbCommand CreateDbCommand() => new PreparedCommand(this);

    // The writer and the readers begin theirs with SQL.
    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) =>
        throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var statement in _direct.Values)
            {
                statement.Dispose();
            }

            foreach (var command in _idle.Values)
            {
                command.Dispose();
            }

            connection.Dispose();
        }

        base.Dispose(disposing);
    }
}
