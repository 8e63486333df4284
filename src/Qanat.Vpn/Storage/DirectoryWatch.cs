namespace Qanat.Vpn.Storage;

/// <summary>Hears when a file in a folder is another, or the folder itself is, by inotify(7).</summary>
internal sealed class DirectoryWatch : IDisposable
{
    private readonly List<FileSystemWatcher> _watchers = [];

    /// <summary>Begins to listen. A folder that is not there is heard of when it comes, if the one that it belongs in is there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="file">The file's name.</param>
    /// <param name="changed">Called on a thread of the pool.</param>
    public DirectoryWatch(string folder, string file, Action changed)
    {
        Add(Path.GetDirectoryName(folder)!, Path.GetFileName(folder), NotifyFilters.DirectoryName, changed);
        Add(folder, file, NotifyFilters.FileName | NotifyFilters.LastWrite, changed);
    }

    /// <summary>Ends it.</summary>
    public void Dispose() => _watchers.ForEach(watcher => watcher.Dispose());

    private void Add(string folder, string name, NotifyFilters filters, Action changed)
    {
        try
        {
            var watcher = new FileSystemWatcher(folder, name) { NotifyFilter = filters };
            _watchers.Add(watcher);
            watcher.Renamed += (_, _) => changed();
            watcher.Created += (_, _) => changed();
            watcher.Changed += (_, _) => changed();
            watcher.Deleted += (_, _) => changed();
            watcher.Error += (_, _) => changed(); // events were lost: anything may have happened
            watcher.EnableRaisingEvents = true;
        }
        catch (Exception gone) when (gone is ArgumentException or FileNotFoundException && !Directory.Exists(folder))
        {
        }
        catch
        {
            Dispose();
            throw;
        }
    }
}
