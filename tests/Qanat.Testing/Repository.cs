namespace Qanat.Testing;

/// <summary>Where things are in the source tree that the tests were built in.</summary>
public static class Repository
{
    /// <summary>The folder that has <c>Qanat.slnx</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The program under test: <c>$QANAT</c>, or <c>bin/qanat</c>, which <c>make</c> builds.</summary>
    public static string Qanat => Path.GetFullPath(Environment.GetEnvironmentVariable("QANAT") ?? PathOf("bin/qanat"));

    /// <summary>The folder that the program under test is in.</summary>
    public static string ProgramFolder => Path.GetDirectoryName(Qanat)!;

    /// <summary>The full path of something in the repository.</summary>
    public static string PathOf(string relative) => Path.Combine(Root, relative);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Qanat.slnx")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"No Qanat.slnx in or above {AppContext.BaseDirectory}.");
    }
}
