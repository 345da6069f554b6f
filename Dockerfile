# Curator in a container: docs/how-to/containers.md says how to build and run it.
FROM python:3.13-slim
COPY . /curator
RUN pip install --no-cache-dir --require-hashes -r /curator/locks/runtime.txt \
 && pip install --no-cache-dir --no-deps --no-build-isolation /curator
ENV CURATOR_WORKSPACE=/list CURATOR_REVIEW_HOST=0.0.0.0
VOLUME /list
EXPOSE 8765
CMD ["sh", "-c", "curator init /list && exec curator up"]
