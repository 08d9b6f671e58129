#!/bin/sh
# What the demo builds in the guest: a C program with tcc, a TypeScript bundle with esbuild, both in one archive.
set -e
for file in words.c table.c main.c; do
  echo "tcc $file"
  tcc -c "$file"
done
tcc -o report words.o table.o main.o
esbuild app/index.ts --bundle --platform=node --format=esm --outfile=report.mjs
tar -cf dist.tar report report.mjs
