namespace Qanat.Vpn.Storage;

/// <summary>Hears when a file in a folder is another, by inotify(7).</summary>
internal sealed class DirectoryWatch : IDisposable
{
    private readonly FileSystemWatcher _watcher;

    /// <summary>Begins to listen.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="file">The file's name.</param>
    /// <param name="changed">Called on a thread of the pool.</param>
    public DirectoryWatch(string folder, string file, Action changed)
    {
        _watcher = new(folder, file) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite };
        _watcher.Renamed += (_, _) => changed();
        _watcher.Created += (_, _) => changed();
        _watcher.Changed += (_, _) => changed();
        _watcher.Deleted += (_, _) => changed();
        _watcher.Error += (_, _) => changed(); // events were lost: anything may have happened
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>Ends it.</summary>
    public void Dispose() => _watcher.Dispose();
}
