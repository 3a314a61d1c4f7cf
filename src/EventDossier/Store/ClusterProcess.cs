using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace EventDossier.Store;

/// <summary>Runs PostgreSQL's programs, as an unprivileged user when we are root: they refuse to run as root.</summary>
internal static class ClusterProcess
{
    /// <summary>The account the server runs as; null when that is our own.</summary>
    public static Account? ServerAccount { get; } = Environment.IsPrivilegedProcess ? Account.Named("postgres") ?? Account.Named("nobody") : null;

    /// <summary>Runs a program as ourselves to its end; gives exit code, and standard output and error together.</summary>
    /// <param name="environment">What the program is told that others who list processes should not see.</param>
    public static Task<(int Exit, string Output)> RunAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        StartAsync([program, .. arguments], null, environment);

    /// <summary>As <see cref="RunAsync"/>, as the account of the server.</summary>
    public static Task<(int Exit, string Output)> RunAsServerAsync(string program, IEnumerable<string> arguments, string? input = null)
    {
        string[] line = ServerAccount switch
        {
            null => [program, .. arguments],
            var to when File.Exists("/usr/bin/setpriv") =>
                ["/usr/bin/setpriv", $"--reuid={to.User}", $"--regid={to.Group}", "--clear-groups", "--", program, .. arguments],
            var to => ["runuser", "-u", to.Name, "--", program, .. arguments],
        };
        return StartAsync(line, input);
    }

    /// <summary>Writes a file with the server's own rights: root never follows what that account could have put in the way.</summary>
    public static async Task WriteAsServerAsync(string path, string text)
    {
        var (exit, output) = await RunAsServerAsync("/bin/sh", ["-c", "umask 077; exec cat > \"$1\"", "sh", path], text);
        if (exit != 0) throw new DatabaseUnreachableException($"{path} cannot be written: {output.Trim()}");
    }

    /// <summary>Makes an empty folder that only the server's account can enter.</summary>
    public static void MakeServerFolder(string path)
    {
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (ServerAccount is { } to && ChangeOwner(path, to.User, to.Group) != 0)
            throw new DatabaseUnreachableException($"{path} cannot be given to {to.Name}");
    }

    private static async Task<(int Exit, string Output)> StartAsync(string[] line, string? input, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            WorkingDirectory = "/", // Ours may be closed to the server's account.
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        start.Environment["LC_ALL"] = "C"; // Their messages are read here.
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }

    /// <summary>The one name of an existing folder, without links: by that the server knows itself.</summary>
    public static string RealPath(string path)
    {
        var resolved = new byte[4097];
        if (RealPath(path, resolved) == 0) throw new IOException($"{path} cannot be resolved");
        return Encoding.UTF8.GetString(resolved.AsSpan(0, resolved.AsSpan().IndexOf((byte)0)));
    }

    [DllImport("libc", EntryPoint = "realpath", SetLastError = true)]
    private static extern nint RealPath([MarshalAs(UnmanagedType.LPUTF8Str)] string path, [Out] byte[] resolved);

    [DllImport("libc", EntryPoint = "lchown", SetLastError = true)]
    private static extern int ChangeOwner([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint user, uint group);

    public sealed record Account(string Name, uint User, uint Group)
    {
        public static Account? Named(string name) => File.ReadLines("/etc/passwd")
            .Select(line => line.Split(':'))
            .Where(field => field.Length >= 4 && field[0] == name)
            .Select(field => new Account(name, uint.Parse(field[2]), uint.Parse(field[3])))
            .FirstOrDefault();
    }
}
