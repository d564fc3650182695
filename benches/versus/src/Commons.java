// Apache commons-compress as a contender: seconds of the third of three runs in one machine, so that
// neither its start nor its first, interpreted run counts.
//
//     java -cp commons-compress.jar:. Commons read ARCHIVE
//     java -cp commons-compress.jar:. Commons write OUT DIRECTORY THREADS

import java.io.*;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;
import org.apache.commons.compress.archivers.zip.*;
import org.apache.commons.compress.parallel.InputStreamSupplier;

public class Commons {
    public static void main(String[] args) throws Exception {
        double seconds = 0;
        long bytes = 0;
        for (int run = 0; run < 3; run++) {
            long start = System.nanoTime();
            bytes = args[0].equals("read")
                ? read(new File(args[1]))
                : write(new File(args[1]), Path.of(args[2]), Integer.parseInt(args[3]));
            seconds = (System.nanoTime() - start) / 1e9;
        }
        System.out.println(seconds + " " + bytes);
    }

    static long read(File archive) throws IOException {
        long bytes = 0;
        byte[] buffer = new byte[1 << 16];
        try (ZipFile zip = new ZipFile(archive)) {
            for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
                try (InputStream in = zip.getInputStream(entry)) {
                    for (int n; (n = in.read(buffer)) >= 0; ) bytes += n;
                }
            }
        }
        return bytes;
    }

    static long write(File out, Path directory, int threads) throws Exception {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(directory)) {
            files = walk.filter(Files::isRegularFile).sorted().collect(Collectors.toList());
        }
        var creator = new ParallelScatterZipCreator(Executors.newFixedThreadPool(threads));
        for (Path file : files) {
            var entry = new ZipArchiveEntry(directory.relativize(file).toString());
            entry.setMethod(ZipArchiveEntry.DEFLATED);
            InputStreamSupplier supplier = () -> {
                try {
                    return Files.newInputStream(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            };
            creator.addArchiveEntry(entry, supplier);
        }
        try (var zip = new ZipArchiveOutputStream(out)) {
            creator.writeTo(zip);
        }
        return out.length();
    }
}
