using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Kaffediem.Persistence.Sqlite.Statements;

/// <summary>
/// A connection whose statements stay prepared: SQLite takes longer to compile most of ours than to run them, and
/// Dapper throws a command away after each use. One command is kept for each text. Not thread-safe.
/// </summary>
internal sealed class PreparedConnection(SqliteConnection connection) : DbConnection
{
    // Twice as many as the program has. Texts that are built at run time must not fill the memory.
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

    /// <summary>Registers a store's SQL function, unless it is registered already. No index may use it.</summary>
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
    /// The prepared statement for a constant SQL text. Bind and run it before asking for it again.
    /// </summary>
    public DirectStatement Direct(string text)
    {
        if (!_direct.TryGetValue(text, out var statement))
        {
            statement = new DirectStatement(connection.OpenHandle(), text);
            _direct.Add(text, statement);
        }

        return statement.Anew();
    }

    /// <summary>
    /// The command for a text, prepared if it was used before. It is the caller's until <see cref="GiveBack"/>.
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

    /// <summary>Takes a command back for the next use of its text.</summary>
    public void GiveBack(SqliteCommand command)
    {
        command.Parameters.Clear();
        if (_idle.Count >= MaxKept || !_idle.TryAdd(command.CommandText, command))
        {
            command.Dispose();
        }
    }

    protected override DbCommand CreateDbCommand() => new PreparedCommand(this);

    // The writer and the readers begin their transactions with SQL.
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
